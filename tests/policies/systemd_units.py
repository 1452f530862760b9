"""Units of services, from open to closed."""

BARE = "[Unit]\nDescription=Shop\n[Service]\nExecStart=/opt/shop/service\n"

HARDENED = """\
[Unit]
Description=Shop
[Service]
ExecStart=/opt/shop/current/service
User=shop
CapabilityBoundingSet=
DevicePolicy=closed
LockPersonality=yes
MemoryDenyWriteExecute=yes
NoNewPrivileges=yes
PrivateDevices=yes
PrivateMounts=yes
PrivateTmp=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
UMask=0077
"""

SETTINGS = {
    "User=shop": 9.2,
    "User=nobody": 9.5,
    "User=root\nSupplementaryGroups=adm": 9.6,
    "User=shop\nSupplementaryGroups=adm\nRemoveIPC=yes": 9.2,
    "DynamicUser=yes": 8.4,
    "DynamicUser=yes\nProtectHome=tmpfs\nProtectSystem=no": 8.3,
    "ProtectHome=read-only\nProtectSystem=full": 9.4,
    "ProtectHome=yes\nProtectSystem=yes": 9.3,
    "PrivateDevices=yes": 9.0,
    "PrivateDevices=yes\nProtectClock=yes": 8.7,
    "DevicePolicy=closed\nDeviceAllow=/dev/null rw": 9.5,
    "DevicePolicy=closed\nDeviceAllow=/dev/null rw\nDeviceAllow=": 9.4,
    "NoNewPrivileges=on\nNoNewPrivileges=odd": 9.4,
    "PrivateTmp=1\nPrivateMounts=y\nPrivateNetwork=t": 8.8,
    "CapabilityBoundingSet=": 7.1,
    "CapabilityBoundingSet=~CAP_SYS_ADMIN cap_sys_ptrace\nCapabilityBoundingSet=~CAP_SYS_TIME": 8.9,
    "CapabilityBoundingSet=CAP_NET_BIND_SERVICE\nCapabilityBoundingSet=CAP_CHOWN": 7.3,
    "CapabilityBoundingSet=CAP_CHOWN\nCapabilityBoundingSet=~": 9.6,
    "AmbientCapabilities=CAP_NET_BIND_SERVICE": 9.7,
    "AmbientCapabilities=CAP_NET_BIND_SERVICE\nAmbientCapabilities=": 9.6,
    "RestrictNamespaces=yes": 8.8,
    "RestrictNamespaces=~user mnt\nRestrictNamespaces=~net": 9.1,
    "RestrictNamespaces=user\nRestrictNamespaces=mnt": 9.2,
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX": 9.1,
    "RestrictAddressFamilies=none": 8.9,
    "RestrictAddressFamilies=~AF_PACKET AF_NETLINK\nRestrictAddressFamilies=AF_PACKET": 9.5,
    "SystemCallArchitectures=native": 9.4,
    "SystemCallArchitectures=native x86": 9.5,
    "SystemCallFilter=@system-service": 8.2,
    "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources": 8.0,
    "SystemCallFilter=~@swap @clock @mount:EPERM": 9.0,
    "SystemCallFilter=@basic-io mount:EPERM": 8.0,
    "SystemCallFilter=@system-service\nSystemCallFilter=\nSystemCallFilter=~@privileged": 8.6,
    "SystemCallFilter=read ptrace": 8.2,
    "IPAddressDeny=any": 9.4,
    "IPAddressDeny=any\nIPAddressAllow=localhost": 9.4,
    "IPAddressDeny=0.0.0.0/0 ::/0\nIPAddressAllow=10.0.0.0/8 ::1": 9.5,
    "IPAddressDeny=10.0.0.0/8": 9.6,
    "KeyringMode=inherit\nNotifyAccess=all\nProcSubset=pid\nProtectProc=noaccess": 9.8,
    "UMask=0077": 9.6,
    "UMask=0027": 9.6,
    "UMask=0007": 9.6,
    "UMask=0000": 9.6,
    "Delegate=": 9.6,
    "Delegate=cpu": 9.6,
    "Delegate=no": 9.6,
    "RootDirectory=/srv/shop": 9.5,
    "RootDirectory=/": 9.6,
}
"""Settings of a service, and the exposure of a bare unit with them as systemd 252 says it."""
