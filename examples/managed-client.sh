#!/bin/sh
# Makes a platform with everything that management does for a user partition, and shows what to do with it:
#
#   sh examples/managed-client.sh FOLDER
#   ./portcullis run FOLDER/platform.yaml --for 10m
#
# and then, from another terminal (the password is in FOLDER/password):
#
#   ./portcullis access                                  its client is old: the network is not for it, but help is
#   cp FOLDER/client-1.1.package FOLDER/client.package   help has what it lacks
#   ./portcullis access user --evaluate                  it is remedied, and has the network
#   ./portcullis contain user --reason 'odd traffic'     it reaches help alone
#   ./portcullis rebuild user                            it is put back onto its safe image
#   ./portcullis diagnose                                is everything well?
#   curl -k -u it:$(cat FOLDER/password) https://127.0.0.1:8443/redfish/v1/Systems/user
set -eu
portcullis=$(cd "$(dirname "$0")/.." && pwd)/portcullis
folder=${1:?which folder?}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

cat > "$folder/platform.yaml" <<'END'
memory: 256M
management: management.yaml
events: {audit: audit.log, json: events.json}

units:
  - {at: 00:01.0, profile: scalable}

devices:
  - {name: nic, type: virtio-net, at: 00:03.0}
  - {name: disk, type: nvme, at: 00:04.0, file: disk.img}              # as its safe image is
  - {name: data, type: nvme, at: 00:05.0, size: 64M, file: data.img}   # the user's own

partitions:
  - name: user
    memory: 16M
    runs: client
    address: 10.9.0.2/24
    image: {file: kernel.img, at: 12M}
    devices: [disk, data]
  - {name: services, memory: 32M, runs: bridge, devices: [nic]}
  - {name: other, memory: 16M, runs: client, address: 10.9.0.3/24}

links:
  - between: [user, services]
  - between: [other, services]
END

cat > "$folder/management.yaml" <<'END'
state: state

boot:                       # nothing begins that IT has not signed
  key: it.pub
  others: start
  partitions:
    - partition: user
      manifest: user.manifest
      images:
        - {disk: disk, file: safe.img}

access:                     # who is out of date reaches help alone, and is brought up to date
  policy: policy.yaml
  every-seconds: 300
  help: 10.9.0.250/24
  steps:
    - {name: update the client, rules: [old client], do: install, package: client.package}

integrity:                  # nobody changes this, by DMA or otherwise
  cpu-percent: 10
  partitions:
    - {name: user, ranges: [{name: kernel text, at: 12M, size: 64K}]}

containment:                # who tries is looked at; who succeeds is cut off
  partitions: [user]
  signs:
    - {on: integrity-denied, do: suspect}
    - {on: integrity-violation, do: contain}

redfish:                    # all of it from afar
  listen: 127.0.0.1:8443
  consoles: 127.0.0.1:8444
  accounts: accounts.json
END

cat > "$folder/policy.yaml" <<'END'
policy: office
rules:
  - name: not what was installed
    when: partition == "user" && boot.verdict != "admitted"
    result: denied
    reason: This computer did not boot what it should.
  - name: old client
    when: partition == "user"
      && !posture.packages.exists(p, p.name == "client" && compareVersions(p.version, "1.1") >= 0)
    result: conditional
    rules: help.nft
    reason: The client is out of date.
  - {name: the rest, when: posture.agent.answered, result: unrestricted, reason: All is well.}
END

cat > "$folder/help.nft" <<'END'
table bridge help {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ether type arp accept
    ct state established accept
    ip daddr 10.9.0.250 accept
  }
}
END

echo 'package client 1.1' > "$folder/client-1.1.package"
yes 'A system as it was delivered.' | dd of="$folder/safe.img" bs=1048576 count=16 iflag=fullblock 2> /dev/null
yes 'What the user partition runs.' | dd of="$folder/kernel.img" bs=65536 count=1 iflag=fullblock 2> /dev/null
cp "$folder/safe.img" "$folder/disk.img"

(umask 077 && od -An -N12 -tx1 /dev/urandom | tr -d ' \n' > "$folder/password" && echo >> "$folder/password")
"$portcullis" account add it --role Administrator --accounts "$folder/accounts.json" < "$folder/password"
"$portcullis" boot keygen "$folder/it"
"$portcullis" boot measure "$folder/platform.yaml" user --out "$folder/user.manifest"
"$portcullis" boot sign "$folder/user.manifest" --key "$folder/it.key"
"$portcullis" boot verify "$folder/user.manifest" --key "$folder/it.pub" --platform "$folder/platform.yaml"
