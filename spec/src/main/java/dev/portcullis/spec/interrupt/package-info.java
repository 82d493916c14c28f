/// Interrupt requests, the entries that remap them, and the descriptors they are posted to.
package dev.portcullis.spec.interrupt;
