# One Kubernetes node in a container: containerd, the control plane, kubelet and kube-proxy, each restarted if it ends.
set -euo pipefail
state=/var/lib/kube
logs=/var/log/kube
mkdir -p "$state" "$logs"

# Pods' mounts must reach the runtime, and every container needs an identity of its own.
mount --make-rshared /
[ -s /etc/machine-id ] || tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
# Control groups of pods that ended with the node before: the kubelet would look for each of them, for seconds.
for corner in /sys/fs/cgroup/goservice /sys/fs/cgroup/*/goservice; do
	[ ! -d "$corner" ] || find "$corner" -depth -type d -delete || true # one still in use stays
done
# The pods' own corner of the machine's control groups; on version 1 there is one per controller.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	mkdir -p /sys/fs/cgroup/goservice
else
	for controller in /sys/fs/cgroup/*/; do mkdir -p "$controller/goservice" 2>/dev/null || true; done
	# A new cpuset is empty, and nothing can run in it.
	for file in cpuset.cpus cpuset.mems; do
		cat "/sys/fs/cgroup/cpuset/$file" >"/sys/fs/cgroup/cpuset/goservice/$file"
	done
fi

# An address of a pod or service that is gone must not be looked for outside the node. The node itself, other than its
# pods, then reaches no service by its address; the API server asks pods directly.
for range in 10.244.0.0/24 10.96.0.0/16; do
	ip route replace unreachable "$range" metric 4096
done

# Made in a directory of another name, so that an interrupted start leaves nothing that looks complete; made anew
# when there are other keys to make than before.
if ! cmp -s /usr/local/lib/node/pki.sh "$state/pki/pki.sh"; then
	rm -rf "$state/pki.new"
	mkdir "$state/pki.new"
	bash /usr/local/lib/node/pki.sh "$state/pki.new" 2>"$logs/pki.log"
	cp /usr/local/lib/node/pki.sh "$state/pki.new/"
	rm -rf "$state/pki"
	mv "$state/pki.new" "$state/pki"
fi

keep() { # NAME COMMAND...
	local name=$1
	shift
	while true; do
		"$@" >>"$logs/$name.log" 2>&1 || true
		echo "$name ended; starting it again" >&2
		sleep 1
	done
}

cd "$state/pki"
admin=$state/pki/admin.kubeconfig
keep containerd containerd &
keep etcd kube etcd --data-dir "$state/etcd" --unsafe-no-fsync \
	--listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
	--listen-peer-urls http://127.0.0.1:2380 &
keep kube-apiserver kube kube-apiserver --etcd-servers http://127.0.0.1:2379 --secure-port 6443 --bind-address 0.0.0.0 \
	--tls-cert-file apiserver.crt --tls-private-key-file apiserver.key --client-ca-file ca.crt \
	--kubelet-client-certificate admin.crt --kubelet-client-key admin.key \
	--service-account-key-file service-account.key --service-account-signing-key-file service-account.key \
	--service-account-issuer https://kubernetes.default.svc --service-cluster-ip-range 10.96.0.0/16 \
	--authorization-mode Node,RBAC --allow-privileged --profiling=false \
	--requestheader-client-ca-file front-proxy-ca.crt --requestheader-allowed-names front-proxy-client \
	--requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group \
	--requestheader-extra-headers-prefix X-Remote-Extra- --enable-aggregator-routing \
	--proxy-client-cert-file front-proxy-client.crt --proxy-client-key-file front-proxy-client.key &
keep kube-controller-manager kube kube-controller-manager --kubeconfig "$admin" --leader-elect=false \
	--use-service-account-credentials --service-account-private-key-file service-account.key --root-ca-file ca.crt \
	--cluster-signing-cert-file ca.crt --cluster-signing-key-file ca.key --profiling=false &
keep kube-scheduler kube kube-scheduler --kubeconfig "$admin" --leader-elect=false --profiling=false &
keep kubelet kube kubelet --config /etc/kubernetes/kubelet.yaml --kubeconfig "$admin" --hostname-override goservice \
	--root-dir "$state/kubelet" --cert-dir "$state/kubelet-pki" &
keep kube-proxy kube kube-proxy --kubeconfig "$admin" --hostname-override goservice --cluster-cidr 10.244.0.0/16 \
	--proxy-mode iptables --conntrack-max-per-core 0 &
keep coredns kube coredns -conf /etc/kubernetes/Corefile &

trap 'exit 0' TERM INT
wait
