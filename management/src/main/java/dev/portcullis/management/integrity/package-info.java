/// Agents that look, from outside, whether memory of a partition that must not change has changed;
/// and keep devices from changing it.
package dev.portcullis.management.integrity;
