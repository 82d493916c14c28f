/// What the JDK does not offer and a virtual machine's peer needs: descriptors passed over Unix
/// sockets, shared mappings that end when told to, memory files, events. The only module with
/// native access; start the JVM with `--enable-native-access=dev.portcullis.linux`.
module dev.portcullis.linux {
  exports dev.portcullis.linux;
}
