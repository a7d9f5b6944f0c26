"""The simulated Managed Agents service: real HTTP, scripted work, no language model anywhere.

It stands beside the simulated Asana in the local sandbox and is written from the published API only. It does not carry out
transport faults: those belong to the server that mounts it.
"""
