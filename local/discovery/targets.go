package main

import "regexp"

type pod struct {
	Metadata struct {
		Name        string            `json:"name"`
		Namespace   string            `json:"namespace"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
	Status struct {
		Phase string `json:"phase"`
		IP    string `json:"podIP"`
	} `json:"status"`
}

// group is what Prometheus's HTTP discovery reads: targets, and the labels they have before relabelling.
type group struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

var notInNames = regexp.MustCompile(`[^a-zA-Z0-9_]`)

// targets are the pods that have an address.
func targets(pods []pod) []group {
	groups := []group{}

	for _, pod := range pods {
		if pod.Status.IP == "" {
			continue
		}

		labels := map[string]string{
			"__meta_kubernetes_namespace": pod.Metadata.Namespace,
			"__meta_kubernetes_pod_name":  pod.Metadata.Name,
			"__meta_kubernetes_pod_ip":    pod.Status.IP,
			"__meta_kubernetes_pod_phase": pod.Status.Phase,
		}
		for kind, values := range map[string]map[string]string{
			"label": pod.Metadata.Labels, "annotation": pod.Metadata.Annotations,
		} {
			for name, value := range values {
				labels["__meta_kubernetes_pod_"+kind+"_"+notInNames.ReplaceAllString(name, "_")] = value
			}
		}

		groups = append(groups, group{Targets: []string{pod.Status.IP}, Labels: labels})
	}

	return groups
}
