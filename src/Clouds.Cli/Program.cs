using Clouds.Cli.Commands;
using Clouds.Cli.Console;
using Clouds.Runtime.Native;

CarriedLibraries.Install(typeof(VerbList).Assembly);
using Interruption interruption = Interruption.Listen(Console.Error);
return new CommandDispatcher(VerbList.All, Console.Out, Console.Error, interruption.Token).Run(args);
