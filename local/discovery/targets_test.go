package main

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestTargetsHaveTheLabelsOfTheirPods(t *testing.T) {
	var pods []pod

	err := json.Unmarshal([]byte(`[
		{"metadata": {"name": "pending", "namespace": "shop"}, "status": {"phase": "Pending"}},
		{
			"metadata": {
				"name": "web-1", "namespace": "shop",
				"labels": {"app.kubernetes.io/name": "web", "track": "canary"},
				"annotations": {"prometheus.io/port": "8080"}
			},
			"status": {"phase": "Running", "podIP": "10.0.0.7"}
		}
	]`), &pods)
	if err != nil {
		t.Fatal(err)
	}

	want := []group{{
		Targets: []string{"10.0.0.7"},
		Labels: map[string]string{
			"__meta_kubernetes_namespace":                         "shop",
			"__meta_kubernetes_pod_name":                          "web-1",
			"__meta_kubernetes_pod_ip":                            "10.0.0.7",
			"__meta_kubernetes_pod_phase":                         "Running",
			"__meta_kubernetes_pod_label_app_kubernetes_io_name":  "web",
			"__meta_kubernetes_pod_label_track":                   "canary",
			"__meta_kubernetes_pod_annotation_prometheus_io_port": "8080",
		},
	}}
	if got := targets(pods); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNoPodsAreAnEmptyListRatherThanNull(t *testing.T) {
	if got, _ := json.Marshal(targets(nil)); string(got) != "[]" {
		t.Errorf("got %s", got)
	}
}
