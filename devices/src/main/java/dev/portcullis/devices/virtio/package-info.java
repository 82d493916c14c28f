/// What all virtio devices on PCI have in common: registers, capabilities, virtqueues.
package dev.portcullis.devices.virtio;
