/// The network card: virtio-net on PCI.
package dev.portcullis.devices.net;
