/// The bridge of the services partition: carries frames between links. Start with [Bridge].
package dev.portcullis.vmm.bridge;
