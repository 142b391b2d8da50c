# Every sentence that MCPProxy shows to people.
