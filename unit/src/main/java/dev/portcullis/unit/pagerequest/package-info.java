/// Page requests of devices: the queue that software reads them from, and the answers.
package dev.portcullis.unit.pagerequest;
