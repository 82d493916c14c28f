/// The software inside a partition without a virtual machine's processor: a small operating system
/// in Java, with drivers that know the machine only through [dev.portcullis.guest.port].
module dev.portcullis.guest {
  exports dev.portcullis.guest.edu;
  exports dev.portcullis.guest.memory;
  exports dev.portcullis.guest.pci;
  exports dev.portcullis.guest.port;
}
