/// The PCI bus as software finds it: functions, their windows, their capabilities, their
/// interrupts.
package dev.portcullis.guest.pci;
