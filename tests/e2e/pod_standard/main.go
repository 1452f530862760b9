// Judges pods by the reference implementation of the Pod Security Standards.
//
// Reads pods as JSON, one a line, and writes for each whether the checks of the newest version let it pass, by
// their names; null for a line that is no pod.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/policy"
)

func main() {
	checks := newest()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		if err := answers.Encode(judge(lines.Bytes(), checks)); err != nil {
			log.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}

// newest returns the checks as they are in their newest version.
func newest() map[policy.CheckID]policy.CheckPodFn {
	checks := map[policy.CheckID]policy.CheckPodFn{}
	for _, check := range policy.DefaultChecks() {
		checks[check.ID] = check.Versions[len(check.Versions)-1].CheckPod // the oldest is first
	}
	return checks
}

func judge(line []byte, checks map[policy.CheckID]policy.CheckPodFn) map[policy.CheckID]bool {
	var pod corev1.Pod
	if err := json.Unmarshal(line, &pod); err != nil {
		return nil
	}
	for i, volume := range pod.Spec.Volumes { // as the API server does before it asks
		if volume.VolumeSource == (corev1.VolumeSource{}) {
			pod.Spec.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
	passed := map[policy.CheckID]bool{}
	for id, check := range checks {
		passed[id] = check(&pod.ObjectMeta, &pod.Spec).Allowed
	}
	return passed
}
