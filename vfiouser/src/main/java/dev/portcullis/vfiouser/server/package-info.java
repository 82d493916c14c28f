/// The device's end of vfio-user: a PCI function served over a Unix socket, to one client after the
/// other. Start with [VfioUserServer]; [Session] is the conversation with one client.
package dev.portcullis.vfiouser.server;
