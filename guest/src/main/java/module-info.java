/// The software inside a partition without a virtual machine's processor: a small operating system
/// in Java, with drivers that know the machine only through [dev.portcullis.guest.port].
module dev.portcullis.guest {
  requires transitive dev.portcullis.net;

  exports dev.portcullis.guest.block;
  exports dev.portcullis.guest.edu;
  exports dev.portcullis.guest.memory;
  exports dev.portcullis.guest.nvme;
  exports dev.portcullis.guest.pci;
  exports dev.portcullis.guest.pio;
  exports dev.portcullis.guest.port;
  exports dev.portcullis.guest.virtio;
}
