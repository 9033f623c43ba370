import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './tokens.css';
import './base.css';
import './frame.css';
import '../components/controls.css';
import '../components/notice.css';
import { App } from './app.tsx';
import { registerFeatures } from './features.ts';

const root = document.getElementById('root');
if (root !== null) {
  registerFeatures();
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
