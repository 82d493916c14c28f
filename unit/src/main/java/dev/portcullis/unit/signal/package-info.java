/// The unit's own events: a message, its mask, its pending bit, and the way out.
package dev.portcullis.unit.signal;
