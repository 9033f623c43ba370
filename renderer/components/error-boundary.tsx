import { Component, type ReactNode } from 'react';

interface Props {
  readonly children: ReactNode;
}
interface State {
  readonly message: string | null;
}

/** Keeps a screen that fails from taking the window with it. */
export class ErrorBoundary extends Component<Props, State> {
  override readonly state: State = { message: null };

  static getDerivedStateFromError(error: unknown): State {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    if (this.state.message === null) return this.props.children;
    return (
      <div className="page">
        <div className="notice" data-kind="error" role="alert">
          <div>
            <p>This screen met an error of its own and was stopped. The others go on.</p>
            <p className="muted">Close the tab and open it again; if it stays so, please report it.</p>
            <p className="notice-code mono">{this.state.message}</p>
          </div>
        </div>
      </div>
    );
  }
}
