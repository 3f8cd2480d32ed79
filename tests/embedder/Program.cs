// All that a host does with Clouds.Native: Program MODEL FOLDER. Each part prints a line, or ends the program with a failure.
using System.Diagnostics.Metrics;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Native.Training;
using Embedder;
using Microsoft.Extensions.Logging;

(string model, string folder) = (args[0], args[1]);
Directory.SetCurrentDirectory(folder);
MemoryLog log = new();
Dictionary<string, double> measured = [];
using MeterListener listener = new()
{
    InstrumentPublished = (instrument, listening) =>
    {
        if (instrument.Meter.Name == "Clouds.Native")
        {
            listening.EnableMeasurementEvents(instrument);
        }
    },
};
listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument.Name, value));
listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add($"{instrument.Name} {tags[0].Value}", value));
listener.Start();

// Failures that are the input's come at once and say so.
CloudsException noModel = Check.Throws<CloudsException>(() => Segmenter.Load("nowhere.safetensors"));
Check.That(noModel.Expected && noModel.Failure == Failure.Weights, "a missing model is expected");
CloudsException noDevice = Check.Throws<CloudsException>(() => ComputeDevice.Parse("gpuu"));
Check.That(noDevice.Expected && noDevice.Failure == Failure.Usage, "an unknown device is expected");
CloudsException noOption = Check.Throws<CloudsException>(() => Segmenter.Load(model, new SegmenterOptions { Threads = -1 }));
Check.That(noOption.Where == "SegmenterOptions.Threads" && !noOption.Message.Contains("--", StringComparison.Ordinal), "an option is named as a member");
Check.Done("failures");

// Load, warm up, and the file may go.
File.Copy(model, "model.safetensors");
SegmenterOptions options = new() { Device = ComputeDevice.Cpu, Sessions = 2, Threads = 1, ShortSide = 0, Logger = log };
Segmenter segmenter = Segmenter.Load("model.safetensors", options);
File.Delete("model.safetensors");
segmenter.Warmup(96, 64);
Check.Done("load and warm-up");

// Streams, spans, memory of the caller's.
RgbImage image = new(96, 64, [.. Enumerable.Range(0, 3 * 96 * 64).Select(i => (byte)(i * 7))]);
byte[] png = ImageFile.EncodePng(image);
Check.That(ImageFile.Read(new MemoryStream(png)).Pixels.AsSpan().SequenceEqual(image.Pixels), "a stream gives the pixels");
Check.That((await ImageFile.ReadAsync(new MemoryStream(png))).Pixels.AsSpan().SequenceEqual(image.Pixels), "a stream gives the pixels without a thread");
Check.That(ImageFile.Decode(png.AsSpan()).Pixels.AsSpan().SequenceEqual(image.Pixels), "a span gives the pixels");
ushort[] labels = new ushort[96 * 64];
segmenter.Segment(image.Pixels, 96, 64, labels);
Check.That(labels.All(label => label < segmenter.Classes.Count), "labels are classes");
Check.That(Check.Throws<ArgumentException>(() => segmenter.Segment(image.Pixels, 96, 64, new ushort[1])).ParamName == "labels", "an argument is named");
Check.Done("streams and spans");

// Async, beside each other, and a batch with a file that cannot be read.
SegmentationResult[] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => segmenter.SegmentAsync(image, withScores: true)));
Check.That(answers.All(answer => answer.Labels.AsSpan().SequenceEqual(labels)), "calls beside each other give the same labels");
File.WriteAllBytes("a.png", png);
File.WriteAllBytes("b.png", png[..40]);
File.WriteAllBytes("c.png", png);
List<string> batch = [];
await foreach (BatchItem<string> item in segmenter.SegmentAllAsync(["a.png", "b.png", "c.png"], path => ImageFile.Read(path)))
{
    batch.Add($"{item.Source} {(item.Failure is { Expected: true } ? "failed" : $"{item.Result.Width}")}");
}

Check.That(batch.SequenceEqual(["a.png 96", "b.png failed", "c.png 96"]), string.Join(", ", batch));
Check.Done("async and batch");

// Cancellation and disposal under way.
RgbImage large = new(1536, 1024, new byte[3 * 1536 * 1024]);
Random.Shared.NextBytes(large.Pixels);
using (CancellationTokenSource stop = new(50))
{
    await Check.ThrowsAsync<OperationCanceledException>(segmenter.SegmentAsync(large, cancellation: stop.Token));
}

Task<SegmentationResult> underWay = segmenter.SegmentAsync(large);
segmenter.Dispose();
await Check.ThrowsAsync<ObjectDisposedException>(underWay);
Check.Throws<ObjectDisposedException>(() => segmenter.Segment(image));
Check.Done("cancellation and disposal");

// Training; a model that it made.
LabelledImages data = LabelledImages.Open("streets:source?count=2&width=96&height=64");
TrainingOptions training = TrainingOptions.Small with { Steps = 2, Batch = 1, Device = ComputeDevice.Cpu, Logger = log };
List<TrainingProgress> steps = [];
TrainingResult result = SegmenterTraining.Train(data, training, "run", new Told(steps.Add));
Check.That(steps.Select(step => step.Step).SequenceEqual([1, 2]) && double.IsFinite(result.Loss), "progress and loss");
Check.Throws<CloudsException>(() => SegmenterTraining.Train(data, training, "run"));
using (Segmenter trained = result.Load(new SegmenterOptions { Device = ComputeDevice.Cpu }))
{
    Check.That(trained.Segment(image).Labels.Length == 96 * 64, "the trained model segments");
}

Check.Done("training");

// What the host heard of it.
Check.That(log.Lines.Any(line => line.StartsWith("Information: Model model.safetensors is open on cpu", StringComparison.Ordinal)), "the log has the model");
Check.That(log.Lines.Any(line => line.StartsWith("Debug: Step 2 of 2", StringComparison.Ordinal)), "the log has the steps");
foreach (string name in (string[])[
    "clouds.segment.images", "clouds.segment.duration network", "clouds.segment.duration labels", "clouds.train.steps", "clouds.train.images",
    "clouds.train.duration data", "clouds.train.duration network", "clouds.train.duration update"])
{
    Check.That(measured.GetValueOrDefault(name) > 0, $"{name} was measured");
}

Check.That(measured["clouds.train.steps"] == 2, "two steps were counted");
Check.Done("log and metrics");

void Add(string name, double value)
{
    lock (measured)
    {
        measured[name] = measured.GetValueOrDefault(name) + value;
    }
}

namespace Embedder
{
    internal static class Check
    {
        public static void Done(string part) => Console.WriteLine($"ok: {part}");

        public static void That(bool condition, string what)
        {
            if (!condition)
            {
                throw new InvalidOperationException($"not so: {what}");
            }
        }

        public static T Throws<T>(Action action)
            where T : Exception
        {
            try
            {
                action();
            }
            catch (T failure)
            {
                return failure;
            }

            throw new InvalidOperationException($"no {typeof(T).Name}");
        }

        public static async Task ThrowsAsync<T>(Task task)
            where T : Exception
        {
            try
            {
                await task;
            }
            catch (T)
            {
                return;
            }

            throw new InvalidOperationException($"no {typeof(T).Name}");
        }
    }

    internal sealed class Told(Action<TrainingProgress> tell) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => tell(value);
    }

    internal sealed class MemoryLog : ILogger
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
            {
                _lines.Add($"{logLevel}: {formatter(state, exception)}");
            }
        }
    }
}
