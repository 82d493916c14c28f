/// What makes a partition run: the interface of all engines.
package dev.portcullis.vmm.engine;
