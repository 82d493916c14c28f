/// The virtual machine monitor's end of vfio-user, for tests and tools: a client that keeps the
/// rules, and one that keeps none. Start with [VfioUserClient].
package dev.portcullis.vfiouser.client;
