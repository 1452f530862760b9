# Keys and certificates of the cluster, made once, and the administrator's kubeconfig. Usage: pki.sh DIRECTORY
set -euo pipefail
cd "$1"

authority() { # NAME
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.crt" -subj "/CN=goservice-$1" -days 3650
}

issue() { # AUTHORITY NAME SUBJECT ALTERNATIVE-NAMES
	openssl req -newkey rsa:2048 -nodes -keyout "$2.key" -out "$2.csr" -subj "$3"
	openssl x509 -req -in "$2.csr" -CA "$1.crt" -CAkey "$1.key" -CAcreateserial -days 3650 -out "$2.crt" \
		-extfile <(echo "subjectAltName=$4")
}

authority ca
issue ca apiserver /CN=kube-apiserver DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.96.0.1
issue ca admin /O=system:masters/CN=admin DNS:admin
# With it the API server speaks for its callers to servers of parts of its API. An authority of its own: who has a
# certificate of the first is somebody, who has one of this may be anybody.
authority front-proxy-ca
issue front-proxy-ca front-proxy-client /CN=front-proxy-client DNS:front-proxy-client
openssl genrsa -out service-account.key 2048

cat > admin.kubeconfig <<YAML
apiVersion: v1
kind: Config
clusters:
- name: goservice
  cluster:
    server: https://127.0.0.1:6443
    certificate-authority-data: $(base64 -w0 ca.crt)
users:
- name: admin
  user:
    client-certificate-data: $(base64 -w0 admin.crt)
    client-key-data: $(base64 -w0 admin.key)
contexts:
- name: goservice
  context: {cluster: goservice, user: admin}
current-context: goservice
YAML
