/// Addresses for devices to use.
package dev.portcullis.driver.iova;
