/// Interrupts of devices: who may send which, and where it goes.
package dev.portcullis.driver.interrupt;
