/// The messages a unit sends of its own: an event, its mask, and its pending bit.
package dev.portcullis.unit.event;
