# Keys and certificates of the cluster, made once, and the administrator's kubeconfig. Usage: pki.sh DIRECTORY
set -euo pipefail
cd "$1"

issue() { # NAME SUBJECT ALTERNATIVE-NAMES
	openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2"
	openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -out "$1.crt" \
		-extfile <(echo "subjectAltName=$3")
}

openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=goservice-ca -days 3650
issue apiserver /CN=kube-apiserver DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.96.0.1
issue admin /O=system:masters/CN=admin DNS:admin
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
