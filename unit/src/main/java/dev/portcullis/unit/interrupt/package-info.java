/// Interrupt remapping and posting: interrupt requests in, messages and posted bits out.
package dev.portcullis.unit.interrupt;
