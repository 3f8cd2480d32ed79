using Clouds.Cli.Commands;
using Clouds.Cli.Console;
using Clouds.Runtime.Native;

FileSizeLimit.FailWrites();
CarriedLibraries.Install(typeof(VerbList).Assembly);
MessageWriter error = StandardStreams.Error();
using Interruption interruption = Interruption.Listen(error, CommandLineOrder.AsksForJson(args));
return new CommandDispatcher(VerbList.All, StandardStreams.Output(), error, interruption.Token).Run(args);
