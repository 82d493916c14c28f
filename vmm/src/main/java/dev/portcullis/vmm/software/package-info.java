/// What runs in embedded partitions: the client, and the services partition's bridge.
package dev.portcullis.vmm.software;
