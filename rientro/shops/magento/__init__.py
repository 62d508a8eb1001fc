"""Magento 2 and Adobe Commerce by their REST API."""
