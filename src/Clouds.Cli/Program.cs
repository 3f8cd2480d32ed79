using Clouds.Cli.Commands;
using Clouds.Cli.Console;

using Interruption interruption = Interruption.Listen(Console.Error);
return new CommandDispatcher(VerbList.All, Console.Out, Console.Error, interruption.Token).Run(args);
