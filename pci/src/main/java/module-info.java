/// PCI functions and the port they reach the rest of the machine through.
module dev.portcullis.pci {
  exports dev.portcullis.pci;
}
