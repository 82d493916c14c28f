/// What threads of devices have in common.
package dev.portcullis.devices.thread;
