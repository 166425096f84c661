using System.CommandLine;
using Adam.Service.CommandLine;

// A stop takes as long as Server:DrainSeconds says; the command line's own time-out would cut it short.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null };
return await AdamCommand.Create().Parse(args).InvokeAsync(invocation);
