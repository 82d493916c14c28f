/// The platform as a Redfish service: what there is, how it is doing, and what may be done with it,
/// whatever state the partitions are in.
package dev.portcullis.management.redfish;
