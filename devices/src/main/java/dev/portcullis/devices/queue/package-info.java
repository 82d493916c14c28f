/// Pairs of queues that a function offers: how many, and how busy they are.
package dev.portcullis.devices.queue;
