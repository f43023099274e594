"""People: agents, supervisors and API clients, their URLs, their socket and their page. Decides no routing."""
