using Clouds.Cli.BuiltIn;
using Clouds.Cli.Commands;
using Clouds.Cli.Console;
using Clouds.Graph.Weights;
using Clouds.Runtime.Native;

FileSizeLimit.FailWrites();
CarriedLibraries.Install(typeof(VerbList).Assembly);
CarriedWeights.Install(name => Miniatures.PathOf(name));
MessageWriter error = StandardStreams.Error();
using Interruption interruption = Interruption.Listen(error, CommandLineOrder.AsksForJson(args));
CommandDispatcher dispatcher = new(VerbList.All, StandardStreams.Output(), error, interruption.Token)
{
    Chosen = verb => interruption.Ending = verb.OnInterruption,
};
return dispatcher.Run(args);
