"""The adapter of Magento against its fake."""
