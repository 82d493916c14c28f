/// Queued invalidation: the ring of descriptors that software fills and the unit empties.
package dev.portcullis.unit.queue;
