using System.Net;
using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;
using Clouds.Server.Hosting;
using Clouds.Server.Options;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds serve`.</summary>
internal sealed class ServeVerb : Verb<ServeVerb.Options>
{
    public override string Name => "serve";

    public override string Summary => "a local page and an HTTP interface over models";

    public override string Description =>
        "Opens a page on this machine, whose address it prints: drop an image or take one of the folder of --open, see its classes over it and their "
        + "shares; with --sam also click points and draw boxes for masks, and refine these labels, or those of a file of yours, as the paper's figure 4 does, "
        + "and see how that came about. What Segment Anything sees in an image is kept in the same cache as that of `clouds sam`. Programs ask the same "
        + "of the HTTP interface:\n\n"
        + "POST /segment, with an image as the body: ?as=labels, a PNG of train ids with a palette of the class colours; ?as=ids, the same in gray; "
        + "?as=overlay&opacity=0.5, class colours over the image; ?as=json, the classes with their shares.\n"
        + "POST /sam/embed, with an image as the body, names it; POST /sam/predict asks about it: {\"embedding\": NAME, \"points\": [{\"x\": 3, \"y\": 4, "
        + "\"inside\": true}], \"box\": [left, top, right, bottom], \"single\": false}.\n"
        + "POST /refine, a form of the files image and labels: ?as=labels, ids or json, &threshold=5000&seed=1. POST /labels, a label map as any program "
        + "writes it: its train ids as a gray PNG.\n"
        + "GET /models says what is loaded, GET /files and /files/PATH give the images of --open, GET /health and /metrics (for Prometheus) the state.\n\n"
        + "Every request but those for the page itself needs the header `Authorization: Bearer TOKEN`. The token is new at each start, or that of "
        + "--token-file. Requests from other pages, and under other names than localhost, addresses and --host, are refused. A failure is answered "
        + "with a status of 400 or more and JSON: what, where, found, expected, next. More requests than --sessions and --queue together are answered "
        + "with 503 and Retry-After.\n\n"
        + "curl -H \"Authorization: Bearer $(cat token)\" -H \"Content-Type: image/jpeg\" --data-binary @street.jpg "
        + "\"http://127.0.0.1:8080/segment?as=json\"\n\n"
        + "It speaks HTTP without encryption: for other machines put a proxy with TLS in front of it. Ctrl-C takes no more requests and lets those "
        + "under way end.";

    public override string OnInterruption => "taking no more requests, and letting those under way end";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds serve run/model.safetensors", "The page for one model; prints its address."),
        new("clouds serve run/model.safetensors --open photos --short-side 512", "With the images of a folder to choose from, faster and coarser."),
        new("clouds serve run/model.safetensors --sam mobile_sam.pt", "With points and boxes, and refinement."),
        new("clouds serve run/model.safetensors --port 8080 --token-file token", "For programs: the same address and token at each start."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.Usage] = "the command line is wrong, or the address cannot be listened on",
        [(int)Failure.Interrupted] = "stopped by Ctrl-C, SIGTERM or SIGHUP, the usual end; requests under way had --drain seconds",
    };

    protected override int Run(Options options, VerbContext context)
    {
        if (options.Model.Length == 0 && options.Sam is null)
        {
            throw new CloudsException(Failure.Usage, "there is no model to serve", "clouds serve", null, "MODEL, --sam FILE or both",
                "`clouds serve --help` shows examples");
        }

        ServerOptions server = options.Server(context.Progress.Warn);
        CloudsSettings settings = options.LoadSettings().Value;
        using Segmenter? segmenter = options.Model.Length == 0 ? null : ModelOptions.Load(
            ModelPath.Resolve(options.Model, []), settings, options.ShortSide, options.LongSide, context, options.Sessions);
        using SegmentAnything? sam = options.Sam is null ? null : ModelOptions.LoadSam(SamFile.Find(options.Sam, settings.Sam.Variant), settings, context);
        ServedModels models = new()
        {
            Segmenter = segmenter,
            Sam = sam,
            Embeddings = sam is null ? null : ModelOptions.Embeddings(sam, settings, context),
            Refinement = settings.Refinement,
            Xray = Xray,
        };
        Serve(models, server, options.Json, context).GetAwaiter().GetResult();
        throw new CloudsException(Failure.Interrupted, "the server has stopped");
    }

    private static string Xray(RefinedPicture picture)
        => XrayPage.Make(new XrayScene(picture.Title, picture.Image, picture.Before, picture.Result, picture.Options, picture.Classes));

    private static async Task Serve(ServedModels models, ServerOptions options, bool json, VerbContext context)
    {
        await using CloudsServer server = await CloudsServer.StartAsync(models, options, context.Cancellation);
        context.Out.WriteLine(json
            ? JsonText.Line(new { type = "listening", address = server.Address, page = server.PageUrl })
            : $"open {server.PageUrl}\n(Ctrl-C stops)");
        context.Out.Flush();
        if (!IPAddress.IsLoopback(options.Address))
        {
            context.Progress.Warn("other machines can reach this server, and token and images travel unencrypted: put a proxy with TLS in front of it");
        }

        await Task.Delay(Timeout.Infinite, context.Cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
        await server.StopAsync();
    }

    /// <summary>What to serve, where and to whom.</summary>
    internal sealed class Options : EmbeddingOptions
    {
        private const long Mebi = 1 << 20;
        private const long Mega = 1_000_000;

        [Value(0, MetaName = "MODEL", HelpText = "A model.safetensors written by train, or the folder of the run.")]
        public string Model { get; set; } = "";

        [Option("sam", MetaValue = "FILE|DIR|NAME", HelpText =
            "Segment Anything: sam_vit_b, _l or _h, or mobile_sam, for points, boxes and refinement; a file, or the name of what "
            + "`clouds model get` has fetched; or mini:sam.")]
        public string? Sam { get; set; }

        [Option("listen", MetaValue = "ADDRESS", HelpText = "IP address to listen on; 0.0.0.0: all of them. Default: 127.0.0.1, for this machine only.")]
        public string Listen { get; set; } = "127.0.0.1";

        [Option("port", MetaValue = "N", HelpText = "Port to listen on; 0: one that is free. Default: 0.")]
        public int Port { get; set; }

        [Option("host", MetaValue = "NAME", HelpText = "A name by which the server is called, beside localhost and addresses; may be given several times.")]
        public IEnumerable<string> Host { get; set; } = [];

        [Option("token-file", MetaValue = "FILE", HelpText = "Take the token from this file; where there is none, write a new one there for its owner alone.")]
        public string? TokenFile { get; set; }

        [Option("open", MetaValue = "FOLDER", HelpText = "Show the images of this folder; nothing outside it can be read.")]
        public string? Open { get; set; }

        [Option("max-body", MetaValue = "MIB", HelpText = "Largest body of a request, in MiB. Default: 32.")]
        public int MaxBody { get; set; } = 32;

        [Option("max-pixels", MetaValue = "MEGAPIXELS", HelpText = "Largest image, in millions of pixels. Default: 32.")]
        public int MaxPixels { get; set; } = 32;

        [Option("timeout", MetaValue = "SECONDS", HelpText = "Time for a request, waiting included. Default: 60.")]
        public double Timeout { get; set; } = 60;

        [Option("sessions", MetaValue = "N", HelpText = "Images computed at once; they share the threads. Default: 1.")]
        public int Sessions { get; set; } = 1;

        [Option("queue", MetaValue = "N", HelpText = "Requests that wait for their turn; one more is told to come again. Default: 8.")]
        public int Queue { get; set; } = 8;

        [Option("drain", MetaValue = "SECONDS", HelpText = "Time that requests under way are given on Ctrl-C. Default: 10.")]
        public double Drain { get; set; } = 10;

        [Option("short-side", MetaValue = "N", HelpText = "Short side in pixels at which the network sees images; 0: their own size. Default: the model's.")]
        public int? ShortSide { get; set; }

        [Option("long-side", MetaValue = "N", HelpText = "Long side in pixels that images do not exceed then; 0: any. Default: as for segment.")]
        public int? LongSide { get; set; }

        /// <summary>The server's options.</summary>
        /// <exception cref="CloudsException">Usage, or what befalls the token's file.</exception>
        public ServerOptions Server(Action<string> warn) => new()
        {
            Address = IPAddress.TryParse(Listen, out IPAddress? address) ? address : throw NoAddress(),
            Port = Port,
            HostNames = [.. Host],
            Token = TokenFile is null ? AccessToken.Draw() : AccessToken.FromFile(TokenFile),
            Folder = Open,
            MaxBody = MaxBody * Mebi,
            MaxPixels = MaxPixels * Mega,
            Timeout = Seconds(Timeout, "--timeout"),
            Sessions = Sessions,
            Queue = Queue,
            Drain = Seconds(Drain, "--drain"),
            Warn = warn,
        };

        private static TimeSpan Seconds(double seconds, string option) => double.IsFinite(seconds) && Math.Abs(seconds) < 1e6
            ? TimeSpan.FromSeconds(seconds)
            : throw new CloudsException(
                Failure.Usage, "an option is out of range", option, $"{seconds}", "a number of seconds, at most a day", "correct the option");

        private CloudsException NoAddress() => new(Failure.Usage, "this is no address", "--listen", Listen, "127.0.0.1, ::1, 0.0.0.0 or another IP address",
            "write the address itself; --host gives the server a name");
    }
}
