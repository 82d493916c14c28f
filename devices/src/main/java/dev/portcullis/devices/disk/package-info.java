/// A virtio disk: a queue of requests, and a thread that carries them out.
package dev.portcullis.devices.disk;
