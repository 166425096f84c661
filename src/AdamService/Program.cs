using Adam.Service.CommandLine;

return await AdamCommand.Create().Parse(args).InvokeAsync();
