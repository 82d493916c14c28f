#!/bin/sh
# Makes a platform whose user partition is verified before it begins, with keys of your own:
#
#   sh examples/verified-boot.sh FOLDER
#   ./portcullis run FOLDER/platform.yaml --for 10m
#   ./portcullis rebuild user                          (from another terminal)
#   ./portcullis provision FOLDER/kiosk.yaml           (a partition that the platform file does not have)
#
# The secret key, FOLDER/it.key, is what whoever makes images keeps; the platform needs FOLDER/it.pub.
set -eu
portcullis=$(cd "$(dirname "$0")/.." && pwd)/portcullis
folder=${1:?which folder?}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

cat > "$folder/platform.yaml" <<'END'
memory: 256M

units:
  - id: dmar0
    at: 00:01.0
    profile: scalable

devices:
  - {name: nic, type: virtio-net, at: 00:03.0}
  - {name: disk, type: nvme, at: 00:04.0, file: disk.img}              # as its safe image is
  - {name: data, type: nvme, at: 00:05.0, size: 64M, file: data.img}   # the user's own
  - {name: spare, type: nvme, at: 00:06.0, size: 16M, file: spare.img} # nobody's, until one is provisioned

partitions:
  - name: user
    memory: 64M
    runs: client
    address: 10.9.0.2/24
    image: {file: user.img, at: 64K}
    devices: [disk, data]
  - name: services
    memory: 32M
    runs: bridge
    devices: [nic]

links:
  - between: [user, services]

management: management.yaml

events:
  json: events.json

expect:
  - {does: ping, from: user, to: 10.9.0.1}
END

cat > "$folder/management.yaml" <<'END'
state: state

boot:
  key: it.pub
  others: start
  partitions:
    - partition: user
      manifest: user.manifest
      images:
        - {disk: disk, file: safe.img}
END

cat > "$folder/kiosk.yaml" <<'END'
partition:
  name: kiosk
  memory: 32M
  runs: client
  address: 10.9.0.7/24
  image: {file: user.img, at: 64K}
  devices: [spare]
  link: services

boot:
  manifest: kiosk.manifest
  images:
    - {disk: spare, file: safe.img}
END

yes 'A system as it was delivered.' | dd of="$folder/safe.img" bs=1048576 count=16 iflag=fullblock 2> /dev/null
echo 'What the user partition finds in its memory.' > "$folder/user.img"
cp "$folder/safe.img" "$folder/disk.img"

"$portcullis" boot keygen "$folder/it"
"$portcullis" boot measure "$folder/platform.yaml" user --out "$folder/user.manifest"
"$portcullis" boot sign "$folder/user.manifest" --key "$folder/it.key"
"$portcullis" boot verify "$folder/user.manifest" --key "$folder/it.pub" --platform "$folder/platform.yaml"

"$portcullis" boot measure "$folder/platform.yaml" kiosk --provision "$folder/kiosk.yaml" --out "$folder/kiosk.manifest"
"$portcullis" boot sign "$folder/kiosk.manifest" --key "$folder/it.key"
