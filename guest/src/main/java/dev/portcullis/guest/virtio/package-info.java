/// Drivers of virtio devices on PCI, version 1 and later.
package dev.portcullis.guest.virtio;
