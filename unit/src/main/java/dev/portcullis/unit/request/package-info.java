/// What a device asks, and how it is refused.
package dev.portcullis.unit.request;
