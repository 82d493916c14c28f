/// What makes a partition run: the interface of all engines, and which one to take.
package dev.portcullis.vmm.engine;
